using System;

namespace AhnSharp.Constraints;

/// <summary>Kinds of values; a number is an integer or has a fraction.</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Integer = 16,
    Fraction = 32,
    Number = Integer | Fraction,
    String = 64,
    All = 127,
}
