using System;
using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>What a reader is asked: the document's name and limits.</summary>
internal static class RequestFrame
{
    private const int MaxBytes = 1 << 20;

    public static void Write(Stream stream, string name, DocumentLimits limits) => new PayloadWriter()
        .Text(name)
        .Long(limits.FileBytes)
        .Long(limits.FolderFileBytes)
        .Int(limits.FolderFiles)
        .Int(limits.FolderDepth)
        .Long(limits.UnpackedBytes)
        .Int(limits.Normalize ? 1 : 0)
        .Int((int)limits.Isolation)
        .Long(limits.ReaderMemoryBytes)
        .Long(limits.ReaderTime.Ticks)
        .Long(limits.ReaderTextBytes)
        .Long(limits.ReaderStandstill.Ticks)
        .Send(stream, FrameKind.Request);

    /// <summary>Null where a probe is asked for.</summary>
    public static (string Name, DocumentLimits Limits)? Read(Stream stream)
    {
        (FrameKind kind, byte[] bytes) = Frame.Read(stream, MaxBytes);
        if (kind == FrameKind.Probe) return null;
        if (kind != FrameKind.Request) throw new InvalidDataException("expected a request");
        Payload fields = new(bytes);
        string name = fields.Text();
        DocumentLimits limits = new()
        {
            FileBytes = fields.Long(),
            FolderFileBytes = fields.Long(),
            FolderFiles = fields.Int(),
            FolderDepth = fields.Int(),
            UnpackedBytes = fields.Long(),
            Normalize = fields.Int() == 1,
            Isolation = (DocumentIsolation)fields.Int(),
            ReaderMemoryBytes = fields.Long(),
            ReaderTime = TimeSpan.FromTicks(fields.Long()),
            ReaderTextBytes = fields.Long(),
            ReaderStandstill = TimeSpan.FromTicks(fields.Long()),
        };
        fields.AtEnd();
        return (name, limits);
    }
}
