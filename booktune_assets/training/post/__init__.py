"""What is done with an adapter after training: strength, depth, intruders, merging, routing.

Belongs here: everything that changes or measures an adapter without training it. Does not: training
(the room above), when it is done (``chain/post.py``).
"""
