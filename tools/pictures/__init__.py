"""Takes the pictures of the READMEs (docs/img/) of the running product: `make pictures`.

server   gifchat in a classroom
stage    those who take part: browsers, and programs for the rest of the class
words    what they say, in each language
scenes   what happens in each picture
write    screenshots to small files
"""
