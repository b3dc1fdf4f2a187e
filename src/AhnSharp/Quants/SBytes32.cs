using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>32 signed bytes that lie inside a block.</summary>
[InlineArray(32)]
internal struct SBytes32
{
    private sbyte _first;
}
