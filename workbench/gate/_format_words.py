"""Words of HTML, CSS, SVG, PDF and of our page templates: in code they are no find."""

from __future__ import annotations

FORMAT_WORDS = frozenset(
    str.split(
        """
    a absolute accent action actions active adjust adobe after align all alpha alphabetic alt always
    anchor and annex annot annots anti application area aria article artifact ascent aside attachment
    attr author auto avgwidth avoid b backdrop background balance base basefont baseline bbox before
    begin behavior bitspercomponent black blink block blue body bold bool border bottom bottomline bounds
    box br break briefing broken button calc callout cap capheight caption catalog cell center ch
    character charprocs charset checked children cid cidfonttype cidset cidsysteminfo cidtogidmap circle
    class clear clip code col colgroup color colspace colspan column columnheader columns comparison
    confidence conformance contain content contents context count cover cpath creationdate creator csp
    current currentcolor cursor dark dash dashed dashoffset data date dd decimal decode decodeparms
    default defs deg desc descendantfonts descent description dest details device devicegray devicergb
    dfn digits dir direction display displaydoctitle div document domain dominant dotted draft drawing dt
    em empty encode encoding end endobj endstream even evenodd events ex expanded extgstate facts family
    feature figcaption figure figures fill filter fira firago firefox first fit fixed flags flat
    flatedecode flex flip flow focus font fontbbox fontdescriptor fontfamily fontfile fontname fonts
    footer for form format formtype from full function functions functiontype gap generator gradient
    gradientunits gray green grey grid group h hair has head header headers heading height hidden hide
    high hover html http hyphenate hyphens i iccbased icon id identifier identity image img important
    index info inherit initial ink inline inner inset inside instanceid interpolate is isolation italic
    italicangle items join judgement judgements justify k keep key kids kind lab label labelledby lang
    language large last layout lbl lbody leading left length level li light limit line linear
    lineargradient linecap linejoin lines link list listnumbering live local log low m main margin mark
    marked marker markinfo marking markings mask masthead matrix max maxwidth mcid meaning media mediabox
    medium meta metadata middle min minmax mirror missingwidth miter mix moddate mode modifydate
    monospace moz ms n name names nav navy next no noarchive nofollow noindex none normal not note noto
    nowrap nth number numeric nums o obj object objr objstm odd of offset ol on opacity opaque open
    orange order ordering orphans osc outline outlines outside over overflow overline p padding page
    pagelayout pagemode pages paint panose paper paragraph parent parenttree parenttreenextkey part path
    pattern patterntype pdf pdfx period pg pieces pinned placement plain play point points polite polygon
    polyline popup position pre predictor preferences presentation prev print procset producer properties
    property pt purple px q quiet quote r radial range rdf rect red ref reference referrer region
    registry relative rem rendering repeat resize resources respect reverse rgb rgba right robots role
    root rotate round row rowgroup rowheader rows rowspan running s safe sans save scale scope screen
    script scroll section segoe select self separate serif shading shadingtype shape show sibling silver
    size small smooth smoothing solid source sources space span square src srgb st stack start static
    stemv sticky stop stops stream stretch string stroke strong structelem structparent structparents
    structtreeroot style styles sub subtype sum summary sup supplement svg switch symbol system t tab
    tabindex table tabs tabular tag target tbody td teal template text textarea tfoot th thead thick thin
    time title to toc toci top touch tounicode tr trailer transform transition translate transparent
    trapped true tspan type typst u ui ul underline unicode unit units unseen up upper uppercase uri url
    use usecmap user utf v valid valign value values var variant version vertical view viewbox
    viewerpreferences viewport viewstate visibility visible w warning weak webkit weight white wide
    widows width wmode wrap writing x xap xheight xlink xml xmlns xmp xmpmm xobject xpacket xref y yellow
    z zoom
        """
    )
)
"""
A value that is exactly one of these words is no find in style sheets, class names, ids and file
structure, where every page has them; in text and other attributes it is.
"""
