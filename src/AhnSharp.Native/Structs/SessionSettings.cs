using System;
using System.Runtime.InteropServices;
using AhnSharp.Archive;
using AhnSharp.Evaluation;
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
    public int Archive, ArchiveRead, ArchiveReadout, Reach;
    public byte* ArchiveHeads;

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
            Archive = ToArchive(),
            Reach = Require.AtLeastOneOr(Reach, 0, "reach") is > 0 and int reach ? reach : null,
        };
    }

    private readonly ArchiveOptions? ToArchive()
    {
        ArchiveType? type = Require.TypeOfArchive(Archive, "archive");
        ArchiveReading reading = Require.Reading(ArchiveRead, "archive_read");
        ArchiveReadout readout = Require.Readout(ArchiveReadout, "archive_readout");
        string? heads = ArchiveHeads is null ? null : Utf8Text.ReadPath(ArchiveHeads, "archive_heads");
        if (type is null)
        {
            return ArchiveRead == 0 && ArchiveReadout == 0 && heads is null ? null : throw new ArgumentException(
                "archive_read, archive_readout and archive_heads say how an archive is kept and asked: set archive.");
        }
        ArchiveOptions options = new() { Type = type.Value, Reading = reading, Readout = readout };
        return heads is null ? options : HeadCalibration.Read(heads).Apply(options);
    }

    internal readonly bool IsRaw => Require.Flag(Raw, "raw");

    internal readonly string? SystemTurn => Utf8Text.ReadOptional(System, "system");
}
