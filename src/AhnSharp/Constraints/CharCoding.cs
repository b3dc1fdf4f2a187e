namespace AhnSharp.Constraints;

/// <summary>How a character stands in the answer's bytes.</summary>
internal enum CharCoding
{
    /// <summary>As UTF-8.</summary>
    Utf8,

    /// <summary>Inside a JSON string, in every way JSON knows: itself, <c>\n</c>, <c>\u000a</c>, pairs of surrogates.</summary>
    Json,

    /// <summary>
    /// Inside a JSON string as people write it: as <see cref="Json"/>, but printable ASCII never as <c>\u0061</c>. Of keys and enumerated
    /// values, whose automata would have six times the states.
    /// </summary>
    JsonPlain,
}
