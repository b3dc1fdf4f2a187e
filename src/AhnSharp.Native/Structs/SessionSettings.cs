using System;
using System.Runtime.InteropServices;
using AhnSharp.Native.Boundary;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_session_options.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SessionSettings
{
    private const int NoSinks = -1;

    public nuint Size;
    public int Memory, Kv, Window, Sinks, Context, Raw;
    public byte* System;

    internal readonly SessionOptions ToOptions()
    {
        SessionOptions defaults = new();
        return new SessionOptions
        {
            Mode = Require.Memory(Memory, "memory"),
            Kv = Require.Kv(Kv, "kv") ?? defaults.Kv,
            Window = Require.AtLeastOneOr(Window, 0, "window") is > 0 and int window ? window : null,
            Sinks = Sinks switch
            {
                0 => null,
                NoSinks => 0,
                > 0 => Sinks,
                _ => throw new ArgumentException(
                    $"sinks: expected a number of tokens, 0 for the default or AHN_NO_SINKS ({NoSinks}), found {Sinks}."),
            },
            ContextTokens = Require.AtLeastOneOr(Context, 0, "context") is > 0 and int context ? context : null,
        };
    }

    internal readonly bool IsRaw => Require.Flag(Raw, "raw");

    internal readonly string? SystemTurn => Utf8Text.ReadOptional(System, "system");
}
