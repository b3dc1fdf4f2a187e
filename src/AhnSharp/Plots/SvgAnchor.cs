namespace AhnSharp.Plots;

/// <summary>Which point of a line of text its coordinates name.</summary>
internal enum SvgAnchor
{
    /// <summary>Its beginning.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}
