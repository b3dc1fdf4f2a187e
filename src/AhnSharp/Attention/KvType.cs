namespace AhnSharp.Attention;

/// <summary>How the keys and values of the exact memory are stored.</summary>
public enum KvType
{
    /// <summary>32-bit floats: 4 bytes an entry.</summary>
    F32,

    /// <summary>16-bit floats: 2 bytes an entry.</summary>
    F16,

    /// <summary>Blocks of 32 signed bytes under one 16-bit scale: 1.0625 bytes an entry.</summary>
    Q8_0,
}
