"""The interface over HTTPS, from an empty machine to records, on the database of XIEDUN_TEST_BACKEND."""
import json
import threading

from harness import Client, check, expect, run_tests, same, uuid7

GADGET = """pack: 1
name: gadgets
edition: 1
label: {zh: 小器具, en: Gadgets}
types:
  gadget:
    label: {zh: 小器具, en: Gadget}
    plural: {zh: 小器具, en: Gadgets}
    title: name
    fields:
      name:
        label: {zh: 名称, en: Name}
        kind: text
        required: true
      weight:
        label: {zh: 重量, en: Weight}
        kind: decimal
        scale: 2
    indexes:
      - [name]
"""


def device(installation, **more):
    return {**installation.device("SN-" + uuid7()), "name": "输液泵", **more}


def open_addresses(installation):
    installation.ready()
    client = Client(installation.port)
    page = expect(client.get("/"), 200)
    check("械盾" in page.body.decode() and page.headers["Content-Type"].startswith("text/html"), "first page")
    same(expect(client.get("/health"), 200).json["status"], "ok")
    same(expect(client.get("/api/v1/openapi.json"), 200).json["openapi"], "3.1.0")
    expect(client.get("/log/checkpoint"), 200)
    for path in ("/api/v1/accounts", "/api/v1/records/device", "/metrics", "/log/tile/entries/000"):
        same(expect(client.get(path), 401).json["code"], "SIGN_IN_NEEDED", path)
    same(expect(client.get("/nowhere"), 404).json["code"], "ROUTE_MISSING")
    answer = expect(client.request("PUT", "/health"), 405)
    same(answer.headers["Allow"], "GET")
    client.language = "zh"
    check("没有" in expect(client.get("/nowhere"), 404).json["detail"], "Chinese by Accept-Language")


def record_life(installation):
    installation.ready()
    client = installation.client
    made = expect(client.post("/api/v1/records/device", device(installation)), 201)
    path = made.headers["Location"]
    same(made.headers["ETag"], '"1"')
    read = expect(client.get(path), 200)
    same(read.json["name"], "输液泵")
    changed = expect(client.request("PATCH", path, {"name": "注射泵"}, {"If-Match": '"1"'}), 200)
    same(changed.json["version"], 2)
    same(expect(client.request("PATCH", path, {"name": "x"}, {"If-Match": '"1"'}), 409).json["code"], "RECORD_CHANGED")
    expect(client.request("PATCH", path, {"name": "x"}), 428)
    kind = expect(client.get("/api/v1/types/device"), 200).json
    move = next(m for m in kind["moves"] if kind["states"][0]["name"] in m["from"])
    moved = expect(client.request("POST", path + "/moves/" + move["name"], {}, {"If-Match": '"2"'}), 200)
    same(moved.json["version"], 3)
    same(expect(client.get(path), 200).json["state"], move["to"])
    history = expect(client.get(path + "/history"), 200).json["items"]
    same([item["version"] for item in history], [3, 2, 1])
    listed = expect(client.get("/api/v1/records/device?filter=name%20%3D%20%22%E6%B3%A8%E5%B0%84%E6%B3%B5%22&count=true"), 200)
    same(len(listed.json["items"]), 1)
    bad = expect(client.get("/api/v1/records/device?filter=nmae%20%3D%201"), 400)
    check("name" in bad.json["detail"], "the mistake names the nearest field: " + bad.json["detail"])


def creation_is_idempotent(installation):
    installation.ready()
    body = device(installation, id=uuid7())
    client = installation.client
    expect(client.post("/api/v1/records/device", body), 201)
    expect(client.post("/api/v1/records/device", body), 201)
    body["name"] = "another"
    expect(client.post("/api/v1/records/device", body), 409)
    same(len(expect(client.get("/api/v1/records/device"), 200).json["items"]), 1)


def a_type_is_one_file(installation):
    installation.ready()
    client = installation.client
    expect(client.get("/api/v1/records/gadget"), 404)
    expect(client.request("POST", "/api/v1/packs?name=gadgets.yaml", raw=GADGET.encode(),
                          headers={"Content-Type": "application/yaml"}), 201)
    expect(client.post("/api/v1/records/gadget", {"organisation": installation.root_organisation(), "name": "a",
                                                  "weight": "1.25"}), 201)
    same(expect(client.get("/api/v1/records/gadget"), 200).json["items"][0]["weight"], 1.25)
    paths = expect(client.get("/api/v1/openapi.json"), 200).json
    check("/api/v1/records/gadget" in paths["paths"] and "GadgetFields" in paths["components"]["schemas"], "described")
    for language, word in (("en", "kind"), ("zh", "kind")):
        client.language = language
        wrong = GADGET.replace("kind: decimal", "knid: decimal").replace("edition: 1", "edition: 2")
        answer = expect(client.request("POST", "/api/v1/packs?name=gadgets.yaml", raw=wrong.encode(),
                                       headers={"Content-Type": "application/yaml"}), 422)
        problem = answer.json["problems"][0]
        same((problem["file"], problem["line"]), ("gadgets.yaml", 17))
        check(word in problem["detail"], problem["detail"])


def sessions_end(installation):
    installation.ready()
    second = installation.sign_in()
    own = expect(installation.client.get("/api/v1/session"), 200).json["id"]
    items = expect(second.get("/api/v1/sessions"), 200).json["items"]
    same(len(items), 2)
    expect(second.request("DELETE", "/api/v1/sessions/" + own), 204)
    same(expect(installation.client.get("/api/v1/session"), 401).json["code"], "SESSION_ENDED")
    expect(second.request("DELETE", "/api/v1/session"), 204)
    expect(second.get("/api/v1/session"), 401)


def a_cookie_needs_its_token(installation):
    installation.ready()
    client = Client(installation.port)
    from harness import LOGIN, PASSWORD
    answer = expect(client.post("/api/v1/session", {"login": LOGIN, "password": PASSWORD,
                                                    "code": installation.code(), "cookie": True}), 201)
    check("token" not in answer.json, "a page's script must not see the token")
    cookie = answer.headers["Set-Cookie"]
    check("HttpOnly" in cookie and "Secure" in cookie and "SameSite=Strict" in cookie, cookie)
    cookie = {"Cookie": cookie.split(";")[0]}
    expect(client.request("GET", "/api/v1/session", headers=cookie), 200)
    same(expect(client.request("POST", "/api/v1/keys/rotate", {}, cookie), 403).json["code"], "CSRF_MISSING")
    expect(client.request("POST", "/api/v1/keys/rotate", {}, {**cookie, "X-CSRF-Token": answer.json["csrf"]}), 200)


def keys_rotate_while_serving(installation):
    installation.ready()
    client = installation.client
    before = expect(client.get("/api/v1/keys"), 200).json["version"]
    same(expect(client.post("/api/v1/keys/rotate"), 200).json["version"], before + 1)
    expect(client.post("/api/v1/records/device", device(installation)), 201)
    installation.stop()
    installation.start()
    installation.client = installation.sign_in()
    same(expect(installation.client.get("/api/v1/keys"), 200).json["version"], before + 1)


def many_write_at_once(installation):
    installation.ready()
    sample = installation.device("S")
    ids, failures = [], []

    def write(number):
        client = Client(installation.port, installation.client.token)
        for i in range(20):
            answer = client.post("/api/v1/records/device", {**sample, "name": "泵 %d" % i,
                                                            "serial": "S-%d-%d" % (number, i)})
            (ids if answer.status == 201 else failures).append(answer.body)
        client.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(failures, [])
    seen, cursor = 0, ""
    while True:
        page = expect(installation.client.get("/api/v1/records/device?limit=100" + cursor), 200).json
        seen += len(page["items"])
        if not page["next"]:
            break
        cursor = "&cursor=" + page["next"]
    same(seen, 640)


def bad_bodies(installation):
    installation.ready()
    client = installation.client
    path = "/api/v1/records/device"
    for raw, status in ((b"", 400), (b"[]", 400), (b"{", 400), (b'{"a":1,"a":2}', 400), (b'{"nmae":"x"}', 422),
                        (b"\xff", 400), (b"{" * 5000, 400)):
        expect(client.request("POST", path, raw=raw, headers={"Content-Type": "application/json"}), status)
    expect(client.request("POST", path, raw=b"{}", headers={"Content-Type": "text/plain"}), 415)
    expect(client.request("POST", path, raw=b" " * (5 << 20), headers={"Content-Type": "application/json"}), 413)
    expect(Client(installation.port, "nonsense").get("/api/v1/session"), 401)


run_tests([open_addresses, record_life, creation_is_idempotent, a_type_is_one_file, sessions_end,
           a_cookie_needs_its_token, keys_rotate_while_serving, many_write_at_once, bad_bodies])
