"""Two versions on one photo, in words."""

from dataclasses import replace

from client.answers import Explanation, HeatMap
from client.comparison import score_difference
from client.demo.heat_map import towards_ai
from client.demo.verdict import headline, hundredths
from client.overlap import overlap


def in_words(first: Explanation, second: Explanation) -> str:
    """Whether they agree, by how much their scores differ, and how far their heat maps overlap."""
    if first.verdict == second.verdict:
        sentences = ["Both versions give the same verdict."]
    else:
        one, other = (f"{answer.model.version} says “{headline(answer)}”" for answer in (first, second))
        sentences = [f"The versions disagree: {one}, {other}."]
    if (difference := score_difference(first, second)) is not None:
        sentences.append(f"Their scores differ by {hundredths(difference)} of 100.")
    if first.explanation and second.explanation:
        shared = overlap(for_ai(first.explanation), for_ai(second.explanation))
        sentences.append(f"Their heat maps overlap by {hundredths(shared)} %.")
    return " ".join(sentences)


def for_ai(heat_map: HeatMap) -> HeatMap:
    """The same map for one target: `predicted` may be another one for each version."""
    return replace(heat_map, target="ai", grid=tuple(map(tuple, towards_ai(heat_map).tolist())))
