"""LaTeX's commands, sorted by what becomes of them in a line of text."""


def _pairs(written: str) -> dict[str, str]:
    words = written.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _names(written: str) -> frozenset[str]:
    return frozenset(written.split())


LETTERS = _pairs("""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta θ iota ι kappa κ lambda λ
    mu μ nu ν xi ξ omicron ο pi π varpi π rho ρ varrho ρ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ
    psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω varGamma Γ
    varDelta Δ varOmega Ω infty ∞ partial ∂ nabla ∇ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ emptyset ∅ varnothing ∅ angle ∠
    measuredangle ∡ triangle △ square □ Box □ Diamond ◇ degree ° prime ′ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬
    imath ı jmath ȷ wp ℘ eth ð checkmark ✓ bigstar ★ clubsuit ♣ diamondsuit ♦ heartsuit ♥ spadesuit ♠ yen ¥ pounds £
    euro € copyright © parallelogram ▱ odot ⊙ bigcirc ○ circledR ® dag † ddag ‡ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃
    bigcap ⋂ sum ∑ prod ∏ coprod ∐ bigoplus ⨁ bigvee ⋁ bigwedge ⋀ dots … ldots … cdots ⋯ dotsc … dotsb ⋯ dotsm ⋯
    dotso … vdots ⋮ ddots ⋱ therefore ∴ because ∵ top ⊤ bot ⊥ textdegree ° celsius ℃ textcelsius ℃ textyen ¥
    texteuro € textpm ± texttimes × textbackslash \\ textasciitilde ~ textasciicircum ^ textbar | textbullet ·
    textdollar $ textellipsis … textregistered ® texttrademark ™ textgreater > textless < textunderscore _
    textendash – textemdash — backslash \\
""")
"""What stands for a thing: it runs on with the letter or number after it, as in πr."""

OPERATORS = _pairs("""
    times × div ÷ cdot · pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ setminus ∖
    smallsetminus ∖ cap ∩ cup ∪ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ uplus ⊎ amalg ⨿ ltimes ⋉ rtimes ⋊ le ≤
    leq ≤ leqslant ≤ leqq ≤ ge ≥ geq ≥ geqslant ≥ geqq ≥ ne ≠ neq ≠ lt < gt > ll ≪ gg ≫ lll ⋘ ggg ⋙ nless ≮ ngtr ≯
    nleq ≰ ngeq ≱ nleqslant ≰ ngeqslant ≱ lesssim ≲ gtrsim ≳ lessgtr ≶ gtrless ≷ prec ≺ succ ≻ preceq ⪯ succeq ⪰
    approx ≈ approxeq ≊ thickapprox ≈ sim ∼ thicksim ∼ nsim ≁ simeq ≃ cong ≅ ncong ≇ equiv ≡ doteq ≐ propto ∝
    varpropto ∝ coloneqq ≔ triangleq ≜ asymp ≍ models ⊨ vdash ⊢ dashv ⊣ Vdash ⊩ in ∈ notin ∉ ni ∋ owns ∋ subset ⊂
    subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ supsetneq ⊋ nsubseteq ⊈ nsupseteq ⊉ mid | nmid ∤ parallel ∥
    nparallel ∦ perp ⊥ to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐
    Leftrightarrow ⇔ implies ⇒ impliedby ⇐ iff ⇔ longrightarrow → longleftarrow ← longleftrightarrow ↔
    Longrightarrow ⇒ Longleftarrow ⇐ Longleftrightarrow ⇔ mapsto ↦ longmapsto ↦ uparrow ↑ downarrow ↓ updownarrow ↕
    Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ hookrightarrow ↪ hookleftarrow ↩ rightharpoonup ⇀
    leftharpoonup ↼ rightleftharpoons ⇌ leftrightharpoons ⇋ leadsto ⇝ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏
    rightrightarrows ⇉ colon : bmod mod
""")
"""What stands between two things, with a blank on both sides or on neither."""

BRACKETS = _pairs("""
    lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ lbrace { rbrace } lbrack [ rbrack ] lvert | rvert | vert |
    Vert ‖ lVert ‖ rVert ‖ lgroup ( rgroup )
""")

FUNCTIONS = _names("""
    sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh coth log ln lg lb exp max min sup inf lim
    limsup liminf det gcd lcm arg deg dim hom ker Pr argmax argmin sgn rank tr
""")
"""Names that want a blank before what they are of: sin x."""

LIMITED = _names("sum prod coprod bigcup bigcap lim limsup liminf max min sup inf argmax argmin bigoplus")
"""What has its limits below and above it."""

BLANKS = _names("quad qquad enspace enskip thinspace medspace thickspace space nobreakspace hfill")

BREAKS = _names("newline linebreak par cr")

SILENT = _names("""
    left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr Biggl Biggr displaystyle textstyle
    scriptstyle scriptscriptstyle limits nolimits nonumber notag negthinspace rm bf it sf tt cal boldmath centering
    hline cline toprule midrule bottomrule noindent bfseries itshape scriptsize
""")
"""What only says how a thing looks."""

WORDS = _names("""
    text textrm textbf textit textsf texttt textsc textnormal textup textmd textsl emph mbox hbox textcolor section
    subsection subsubsection paragraph
""")
"""Whose argument is words, with blanks and all."""

TRANSPARENT = _names("""
    mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathnormal boldsymbol bm pmb boxed fbox framebox
    underline overline uline widehat widetilde overrightarrow overleftarrow cancel bcancel xcancel vec operatorname
    mathop mathbin mathrel mathord mathopen mathclose mathpunct ensuremath smash sout url wideparen overparen
    hcancel substack
""")
"""Of which the argument alone is left."""

DROPPED = _names("label phantom hphantom vphantom hspace vspace mspace color")
"""Of which nothing is left, nor of their argument."""

SECOND = _names("overset underset stackrel href colorbox")
"""Two arguments, of which the second is what is read; `href` says the first behind it."""

FRACTIONS = _names("frac dfrac tfrac cfrac nicefrac sfrac")

BINOMIALS = _names("binom dbinom tbinom")

ARROWS_WITH_WORDS = _pairs("""
    xrightarrow → xleftarrow ← xRightarrow ⇒ xleftrightarrow ↔ xlongequal = xrightleftharpoons ⇌
""")

ACCENTS = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c"}
"""What stands above one letter, as a character that joins the one before it."""

DOUBLE_STRUCK = dict(zip("RNZQCPEF", "ℝℕℤℚℂℙ𝔼𝔽", strict=True))

MATRICES = {"matrix": "[]", "pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "Vmatrix": "‖‖", "Bmatrix": "{}",
    "smallmatrix": "[]"}  # fmt: skip
"""Environments that stay on one line, and the brackets around them."""

ENVIRONMENTS = (
    *("aligned", "alignedat", "align", "alignat", "gathered", "gather", "split", "cases", "dcases", "rcases"),
    *("equation", "eqnarray", "multline", "array", "tabular", "displaymath", "math", "flalign", "center"),
    *("itemize", "enumerate", "description", *MATRICES),
)
"""The environments that are read where no delimiters are around them."""

WITH_ARGUMENT = (
    WORDS | TRANSPARENT | DROPPED | SECOND | FRACTIONS | BINOMIALS | frozenset(ACCENTS) | frozenset(ARROWS_WITH_WORDS)
    | {"sqrt", "begin", "end", "tag", "pmod", "ce", "mathbb", "Bbb", "underbrace", "overbrace"}
)  # fmt: skip
"""What is spoken of, and not meant, where no argument follows."""
