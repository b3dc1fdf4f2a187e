using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>64 bytes that lie inside a block.</summary>
[InlineArray(64)]
public struct Bytes64
{
    private byte _first;
}
