"""Writes a C header that holds the built-in packs as texts: embed.py OUT FILE..."""
import os
import sys


def main():
    out, files = sys.argv[1], sys.argv[2:]
    with open(out, "w", encoding="ascii") as header:
        header.write("/* Made by tools/embed.py from packs/. */\n")
        names = []
        for path in files:
            name = "pack_" + os.path.splitext(os.path.basename(path))[0].replace("-", "_")
            names.append((name, os.path.basename(path)))
            with open(path, "rb") as pack:
                data = pack.read()
            header.write("static const unsigned char %s[] = {" % name)
            for i, byte in enumerate(data):
                header.write("%s%d," % ("\n" if i % 24 == 0 else "", byte))
            header.write("\n};\n")
        header.write("static const struct {\n\tconst char *file;\n\tstruct str text;\n} builtin_packs[] = {\n")
        for name, file in names:
            header.write('\t{ "%s", { (const char *)%s, sizeof(%s) } },\n' % (file, name, name))
        header.write("};\n")


main()
