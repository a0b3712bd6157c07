"""`make binary` and `make zipapp`: all of gifchat in one file.

`contents` says which files of the project go in, `licences` writes the licences of everything else that does. `binary`
has PyInstaller put them together with Python itself, by `gifchat.spec`; `zipapp` has shiv do so without.
"""
