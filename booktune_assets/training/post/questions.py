"""Questions that no programming book of the shelf is asked: what routing tells apart.

Belongs here: the questions, own words. Does not: telling apart (``routing.py``).

Everyday matters, sciences, and other trades of computing; the latter are the hard ones, since they
share words with any programming book.
"""

from __future__ import annotations

__all__ = ["GENERAL"]

GENERAL = (
    "What is the capital of Australia?",
    "How long should I boil an egg so that the yolk stays soft?",
    "Why does the moon show the same side to us?",
    "Who painted the ceiling of the Sistine Chapel?",
    "What helps against a headache after a long flight?",
    "Explain the difference between weather and climate.",
    "How do I remove a red wine stain from a carpet?",
    "Which vitamins are in an orange?",
    "Write a short poem about autumn rain.",
    "What caused the First World War?",
    "How do vaccines teach the body to recognise a virus?",
    "Translate 'good morning' into Portuguese.",
    "What is a fair price for a used bicycle?",
    "How far is it from Berlin to Warsaw by train?",
    "Summarise the plot of Hamlet in three sentences.",
    "What are the rules of offside in football?",
    "How can I sleep better when it is hot?",
    "Which trees keep their leaves in winter?",
    "How do noise-cancelling headphones work?",
    "What should I pack for a week of hiking in the Alps?",
    "Why is the sky blue at noon and red in the evening?",
    "What is the boiling point of water on a high mountain?",
    "How does compound interest grow my savings?",
    "Give me a recipe for lentil soup.",
    "What did the ancient Romans use concrete for?",
    "How do I write a polite letter of complaint to a landlord?",
    "Which muscles does swimming train?",
    "What is the difference between a crocodile and an alligator?",
    "How many players are in a volleyball team?",
    "Why do cats purr?",
    "Describe how photosynthesis stores energy.",
    "What is inflation and who measures it?",
    "How do I centre a block horizontally in CSS?",
    "Write a SQL query that counts orders per customer.",
    "What does the restrict keyword promise a C compiler?",
    "How do I undo the last commit in git without losing my changes?",
    "Explain what a Python decorator does.",
    "How does the borrow checker of Rust treat a mutable reference?",
    "Which port does HTTPS use?",
    "How do I mount a volume into a Docker container?",
    "What is the difference between let and var in JavaScript?",
    "How do I resize an ext4 partition?",
    "What does a Kubernetes readiness probe check?",
    "Explain gradient descent to a school pupil.",
    "How do I format a date as ISO 8601 in a spreadsheet?",
    "What is a foreign key for?",
    "How do I read a CSV file into a pandas data frame?",
    "Why is my laptop's fan so loud?",
)
