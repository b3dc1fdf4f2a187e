using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>128 bytes that lie inside a block.</summary>
[InlineArray(128)]
internal struct Bytes128
{
    private byte _first;
}
