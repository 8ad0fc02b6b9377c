"""Everyday subjects that a sentence about a domain is held against.

How near a row lies to a sentence means little in itself: one model's .2 is another's .6, and short rows lie nearer to
everything. So a row's cosine to the sentence is measured by its cosines to many other subjects, in their standard
deviations: zero-shot classification (Yin, Hay and Roth 2019, arXiv:1909.00161) with labels that nobody has to give.
"""

import numpy as np

from quality.domain.chances import Scores
from quality.domain.positive_unlabelled import Matrix

__all__ = ["SUBJECTS", "standing_out"]

# What people write about, from all classes of a library's catalogue; that some touch the domain itself does little.
SUBJECTS = (
    *("farming and livestock", "plants and gardening", "animals", "fishing and hunting", "biology", "chemistry"),
    *("physics", "astronomy", "space flight", "earthquakes and geology", "mining and metals", "weather"),
    *("environment and climate", "energy and oil", "electricity and electronics", "engines and machines"),
    *("computers and software", "mathematics", "statistics", "time and calendars", "geography and maps", "history"),
    *("archaeology", "mythology", "religion", "philosophy", "psychology and feelings", "sleep and dreams"),
    *("childhood and parenting", "family and marriage", "schools and teaching", "language and grammar"),
    *("libraries and books", "literature and poetry", "writing letters", "journalism and news", "post and telephone"),
    *("painting and sculpture", "architecture and building", "music", "dance and theatre", "cinema and film"),
    *("clothing and fashion", "hairdressing and beauty", "cooking and food", "house cleaning", "games and toys"),
    *("sport", "hotels and tourism", "railways and roads", "sea and ships", "aircraft", "military and war"),
    *("politics", "government and elections", "law and courts", "crime and police", "taxes", "insurance"),
    *("money and banking", "business and management", "shopping and prices", "work and jobs", "office work"),
    *("illness and medicine", "greetings and conversation"),
)


def standing_out(pool: Matrix, sentence: Matrix, subjects: Matrix) -> Scores:
    """Measure how far the sentence stands out among all subjects that a row could be about.

    Parameters
    ----------
    pool
        (n, dim) float32, unit vectors.
    sentence
        (dim,) float32, unit vector.
    subjects
        (m, dim) float32, the embedded `SUBJECTS`, m ≥ 2.

    Returns
    -------
    np.ndarray
        (n,) standard deviations, over subjects, by which the row is nearer to the sentence than to the mean subject.
    """
    others = pool @ subjects.T
    spread = np.maximum(others.std(axis=1, dtype=np.float64), np.finfo(np.float32).eps)
    found: Scores = (pool @ sentence - others.mean(axis=1, dtype=np.float64)) / spread
    return found
