using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>128 bytes that lie inside a block.</summary>
[InlineArray(128)]
public struct Bytes128
{
    private byte _first;
}
