"""Cookie notices, buttons to share, menus and footers are leftovers of a page, unless somebody asked about pages."""

import polars as pl
import pytest

from quality.screening.page_frames import page_frames
from quality.screening.screen import screen

PROSE = "The kidney filters blood and returns most of the water to it."
LEFT = [
    f"{PROSE} We use cookies to improve your experience. Accept all cookies",
    f"This website uses cookies. {PROSE}",
    f"{PROSE} Please enable JavaScript to view the comments.",
    f"Skip to main content\n{PROSE}",
    f"{PROSE} Share on Facebook Share on Twitter Pin it",
    f"{PROSE}\nShare this: Facebook Twitter LinkedIn Email Print",
    f"{PROSE}\n© 2021 Kidney Pages Ltd. All rights reserved. | Privacy | Terms",
    f"{PROSE} Subscribe to our weekly newsletter!",
    f"{PROSE}\nPosted by admin on March 3, 2019 | Leave a comment",
    f"« Previous | Next » {PROSE}",
    f"Home | About | Products | Contact\n{PROSE}",
    f"Home > Articles > Physiology\n{PROSE}",
    f"{PROSE}\nLeave a comment",
    f"{PROSE} Back to top",
    f"{PROSE} Enter your email to receive our tips.",
    f"{PROSE}\nAccept all cookies Reject all cookies",
    "Access denied. You don't have permission to access this page on this server. Reference #18.2d351ab8",
    f"You do not have permission to access /kidney.html on this server. {PROSE}",
    f"{PROSE}\n\nWas this article helpful? Yes | No",
    f"{PROSE}\nDid you find this page useful?",
    f"{PROSE}\nDid this answer your question?\nYes\nNo",
    f"{PROSE} 12 out of 15 people found this helpful.",
    f"Advertisement\n\n{PROSE}",
    f"{PROSE}\n\nClick here to subscribe to our newsletter!",
    f"{PROSE}\nPrevious | Next | Table of Contents",
    f"{PROSE} Sign up | Log in",
    f"By going on you agree to our use of cookies. {PROSE}",
]
MEANT = [
    ("Write a cookie notice for our shop.", "We use cookies to improve your experience. Accept all cookies"),
    ("How do I tell users without scripts?", "Show this: Please enable JavaScript to view the comments."),
    ("What does a footer say?", "© 2021 Kidney Pages Ltd. All rights reserved. Privacy, Terms"),
    ("Write the closing lines of our newsletter.", "Subscribe to our weekly newsletter!"),
    ("Give an example of a website's menu.", "Home | About | Products | Contact"),
    ("Which networks are there?", "Facebook, Twitter, LinkedIn and Pinterest."),
    ("What did she do?", "She left a comment and went back to the top of the hill, posted by the gate."),
    ("What is in the jar?", "She uses cookies to bribe the children, and shares this on Sundays."),
    ("Who has the rights?", "The estate; it reserved all rights in 1954."),
    ("Which way home?", "Home is where the road ends."),
    ("How do I meet painters?", "Look at their work, leave a comment when it moves you, and share on Facebook."),
    ("How do I hear of courses?", "You can subscribe to our newsletter, or ask at the office downstairs."),
    ("How does he get the discount?", "They sign up for the mailing list and get a code."),
    ("What do I do at the till?", "Enter your email address under the number on the card and hand it over."),
    ("What did the court say?", "Most people accept all cookies unread, which the court held to be no free choice."),
    ("How do I change the units?", "Home > Number > More Number Formats\nThere you pick the unit."),
    ("Write the outro of a video.", "Now you know three knots. Leave a comment!"),
    ("Translate into English: Kommentar schreiben", "Leave a comment."),
    ("What is on the ticket's back?", "The price, the date, and: Copyright 2024 City Museum, all rights reserved."),
    ("How does the survey end?", "With a question to all who read it: was this article helpful? Yes or no."),
    ("How do I return a parcel?", "Within thirty days, by any post office of ours. Was this helpful?"),
    ("How do I return a parcel?", "Within thirty days, by any post office of ours. Did this answer your question?"),
    ("What did the teacher ask?", "Was this helpful? He waited for a nod, and got one."),
    ("Which jobs are there?", "Printing\nAdvertisement\nSales"),
    ("Which sections are there?", "News\n\nAdvertisement\n\nSports"),
    ("Name the columns.", "Home | Blog"),
    ("Which buttons has the player?", "Previous | Pause | Next"),
    ("What does 403 mean?", "Access denied. You don't have permission to access the page on this server."),
    ("Why can't I write there?", "You don't have permission to write there: ask the owner of the folder."),
    ("Where do I read on?", "In the previous chapter, and in the next one."),
]


@pytest.mark.parametrize("answer", LEFT)
def test_what_frames_a_page_is_left_over(answer: str) -> None:
    asked = pl.Series(["What does the kidney do?"])
    assert page_frames(asked, pl.Series([answer]))[0] > 0
    assert screen(asked, pl.Series([answer]))["reason"].to_list() == ["leftover_markup"]


@pytest.mark.parametrize(("prompt", "answer"), MEANT)
def test_what_was_asked_for_or_is_prose_stays(prompt: str, answer: str) -> None:
    assert page_frames(pl.Series([prompt]), pl.Series([answer]))[0] == 0
