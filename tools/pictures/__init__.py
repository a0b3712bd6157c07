"""Takes the READMEs' screenshots (docs/img/) of a running server: `make pictures`.

server   gifchat as in a classroom
stage    the participants: browsers, and programs for the rest of the class
words    what they say, in each language
scenes   what happens in each picture
write    compresses screenshots into small files
"""
