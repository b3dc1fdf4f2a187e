namespace AhnSharp.Archive;

/// <summary>How keys and values are kept in an archive.</summary>
public enum ArchiveType
{
    /// <summary>Signed bytes under one 32-bit scale a token: D + 4 bytes a key or value.</summary>
    EightBits,

    /// <summary>4-bit codes, a 32-bit scale for 32 of them: half as many bytes, and 2 to 5 points of recall less.</summary>
    FourBits,

    /// <summary>32-bit floats, which also serve as the index: for tests of the mathematics.</summary>
    F32,
}
