"""The tags: one vocabulary merged from three published ones, with the instruments that rendering can label exactly."""

from dataclasses import dataclass, field

KINDS = ("genre", "instrument", "mood")

VOCABULARIES = ("jamendo", "mtat", "msd")
"""MTG-Jamendo top 50, MagnaTagATune top 50, Million Song Dataset top 50."""


@dataclass(frozen=True)
class Tag:
    """One output of the tagger."""

    name: str
    kind: str
    sources: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    """Per vocabulary, the tags there that mean this one; the strongest of them counts."""

    def describe_sources(self) -> list[str]:
        """`vocabulary:tag` for each source; rendered scores for a tag that no vocabulary has."""
        named = [f"{vocabulary}:{tag}" for vocabulary, tags in self.sources for tag in tags]
        return named or ["exact labels of rendered and recorded instruments"]


def _tag(kind: str, name: str, **sources: str) -> Tag:
    return Tag(name, kind, tuple((vocabulary, tuple(tags.split("|"))) for vocabulary, tags in sources.items()))


def _genre(name: str, **sources: str) -> Tag:
    return _tag("genre", name, **sources)


def _instrument(name: str, **sources: str) -> Tag:
    return _tag("instrument", name, **sources)


def _mood(name: str, **sources: str) -> Tag:
    return _tag("mood", name, **sources)


TAGS: tuple[Tag, ...] = (
    _genre("alternative", jamendo="genre---alternative", msd="alternative"),
    _genre("alternative rock", msd="alternative rock"),
    _genre("ambient", jamendo="genre---ambient", mtat="ambient", msd="ambient"),
    _genre("blues", msd="blues"),
    _genre("chillout", jamendo="genre---chillout", msd="chillout|chill"),
    _genre("classic rock", msd="classic rock"),
    _genre("classical", jamendo="genre---classical", mtat="classical|classic"),
    _genre("country", mtat="country", msd="country"),
    _genre("dance", jamendo="genre---dance", mtat="dance", msd="dance"),
    _genre("downtempo", jamendo="genre---downtempo"),
    _genre("easy listening", jamendo="genre---easylistening", msd="easy listening"),
    _genre("electro", msd="electro"),
    _genre("electronic", jamendo="genre---electronic", mtat="electronic", msd="electronic|electronica"),
    _genre("experimental", jamendo="genre---experimental", msd="experimental"),
    _genre("folk", jamendo="genre---folk", msd="folk"),
    _genre("funk", jamendo="genre---funk", msd="funk"),
    _genre("hard rock", msd="hard rock"),
    _genre("heavy metal", msd="heavy metal"),
    _genre("hip-hop", jamendo="genre---hiphop", msd="Hip-Hop"),
    _genre("house", jamendo="genre---house", msd="House"),
    _genre("indian", mtat="indian"),
    _genre("indie", jamendo="genre---indie", msd="indie"),
    _genre("indie pop", msd="indie pop"),
    _genre("indie rock", msd="indie rock"),
    _genre("instrumental", msd="instrumental"),
    _genre("instrumental pop", jamendo="genre---instrumentalpop"),
    _genre("jazz", jamendo="genre---jazz", msd="jazz"),
    _genre("lounge", jamendo="genre---lounge"),
    _genre("metal", jamendo="genre---metal", mtat="metal", msd="metal"),
    _genre("new age", jamendo="genre---newage", mtat="new age"),
    _genre("opera", mtat="opera"),
    _genre("orchestral", jamendo="genre---orchestral"),
    _genre("pop", jamendo="genre---pop", mtat="pop", msd="pop"),
    _genre("pop folk", jamendo="genre---popfolk"),
    _genre("pop rock", jamendo="genre---poprock"),
    _genre("progressive rock", msd="Progressive rock"),
    _genre("punk", msd="punk"),
    _genre("reggae", jamendo="genre---reggae"),
    _genre("r&b", msd="rnb"),
    _genre("rock", jamendo="genre---rock", mtat="rock", msd="rock"),
    _genre("soul", msd="soul"),
    _genre("soundtrack", jamendo="genre---soundtrack"),
    _genre("techno", jamendo="genre---techno", mtat="techno"),
    _genre("trance", jamendo="genre---trance"),
    _genre("trip-hop", jamendo="genre---triphop"),
    _genre("world", jamendo="genre---world"),
    _instrument("acoustic guitar", jamendo="instrument---acousticguitar"),
    _instrument("bass", jamendo="instrument---bass"),
    _instrument("brass"),
    _instrument("cello", mtat="cello"),
    _instrument("choir", mtat="choir|choral"),
    _instrument("computer", jamendo="instrument---computer"),
    _instrument("drum machine", jamendo="instrument---drummachine"),
    _instrument("drums", jamendo="instrument---drums", mtat="drums"),
    _instrument("electric guitar", jamendo="instrument---electricguitar"),
    _instrument("electric piano", jamendo="instrument---electricpiano"),
    _instrument("female voice", mtat="female vocal|female voice|female|woman", msd="female vocalists|female vocalist"),
    _instrument("flute", mtat="flute"),
    _instrument("guitar", jamendo="instrument---guitar", mtat="guitar", msd="guitar"),
    _instrument("harp", mtat="harp"),
    _instrument("harpsichord", mtat="harpsichord"),
    _instrument("keyboard", jamendo="instrument---keyboard"),
    _instrument("male voice", mtat="male vocal|male voice|male|man", msd="male vocalists"),
    _instrument("mallets"),
    _instrument("organ"),
    _instrument("piano", jamendo="instrument---piano", mtat="piano"),
    _instrument("sitar", mtat="sitar"),
    _instrument("strings", jamendo="instrument---strings", mtat="strings"),
    _instrument("synthesizer", jamendo="instrument---synthesizer", mtat="synth"),
    _instrument("violin", jamendo="instrument---violin", mtat="violin"),
    _instrument("voice", jamendo="instrument---voice", mtat="vocal|vocals|voice|singing"),
    _instrument("woodwind"),
    _mood("acoustic", msd="acoustic"),
    _mood("atmospheric", jamendo="genre---atmospheric"),
    _mood("beat-driven", mtat="beat|beats"),
    _mood("beautiful", msd="beautiful"),
    _mood("catchy", msd="catchy"),
    _mood("emotional", jamendo="mood/theme---emotional"),
    _mood("energetic", jamendo="mood/theme---energetic"),
    _mood("fast", mtat="fast"),
    _mood("film", jamendo="mood/theme---film"),
    _mood("happy", jamendo="mood/theme---happy", msd="happy"),
    _mood("loud", mtat="loud"),
    _mood("mellow", msd="Mellow"),
    _mood("party", msd="party"),
    _mood("quiet", mtat="quiet"),
    _mood("relaxing", jamendo="mood/theme---relaxing"),
    _mood("sad", msd="sad"),
    _mood("sexy", msd="sexy"),
    _mood("slow", mtat="slow"),
    _mood("soft", mtat="soft"),
    _mood("weird", mtat="weird"),
)

FEEL = frozenset(("beat-driven", "fast", "loud", "quiet", "slow"))
"""Moods that are tempo, beat and loudness: the plugin keeps them out of its column of moods, as a kind `feel`."""


def shown_kind(tag: Tag) -> str:
    """A tag's kind as a card has it."""
    return "feel" if tag.name in FEEL else tag.kind


NAMES = tuple(tag.name for tag in TAGS)
INDEX = {name: index for index, name in enumerate(NAMES)}


def of_kind(kind: str) -> list[int]:
    """The positions of a kind's tags in the output."""
    return [index for index, tag in enumerate(TAGS) if tag.kind == kind]
