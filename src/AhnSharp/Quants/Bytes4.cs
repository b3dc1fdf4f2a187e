using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>4 bytes that lie inside a block.</summary>
[InlineArray(4)]
internal struct Bytes4
{
    private byte _first;
}
