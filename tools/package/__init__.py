"""`make binary` and `make zipapp`: gifchat in one file.

`contents` lists the project's files to include, `licences` collects the licences of all other bundled software.
`binary` runs PyInstaller with `gifchat.spec`, which bundles Python; `zipapp` runs shiv, which does not.
"""
