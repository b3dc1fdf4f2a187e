using System;
using System.IO;
using System.Linq;
using System.Reflection;
using AhnSharp.Documents.Processes;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>What stands on the pipe between the two processes carries everything, and only that.</summary>
public sealed class ReaderFramesTests
{
    [Fact]
    public void Every_limit_reaches_the_reader()
    {
        DocumentLimits limits = new();
        int number = 1000;
        foreach (PropertyInfo property in typeof(DocumentLimits).GetProperties().Where(property => property.CanWrite))
        {
            property.SetValue(limits, Value(property.PropertyType, number++));
        }
        using MemoryStream pipe = new();
        RequestFrame.Write(pipe, "näme.pdf", limits);
        pipe.Position = 0;
        Assert.Equal(("näme.pdf", limits), RequestFrame.Read(pipe));
    }

    [Fact]
    public void Every_property_of_a_document_comes_back()
    {
        // Whoever gives Document or DocumentPart another property sends it too, and names it here.
        Assert.Equal(["Author", "Characters", "Kind", "Name", "Notes", "Pages", "Parts", "Title"], Properties(typeof(Document)));
        Assert.Equal(["Page", "Path", "Text"], Properties(typeof(DocumentPart)));
        Document sent = new()
        {
            Name = "a.epub",
            Kind = DocumentKind.Epub,
            Title = "T",
            Author = "Ä",
            Pages = 7,
            Parts = [new DocumentPart("text", 3), new DocumentPart("\n𝄞", null, "a/b.cs"), new DocumentPart("")],
            Notes = ["one", ""],
        };
        Document found = Back(pipe => DocumentFrames.Write(pipe, sent));
        Assert.Equal(sent.Parts, found.Parts);
        Assert.Equal(sent.Notes, found.Notes);
        Assert.Equal(sent with { Parts = [], Notes = [] }, found with { Parts = [], Notes = [] });
    }

    [Fact]
    public void Half_a_pair_of_surrogates_becomes_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", Back(pipe => DocumentFrames.Write(
            pipe, new Document { Name = "a", Kind = DocumentKind.Pdf, Parts = [new DocumentPart("a\uD834b")] })).Parts[0].Text);

    [Fact]
    public void Any_changed_answer_is_a_document_or_refused()
    {
        using MemoryStream pipe = new();
        DocumentFrames.Write(pipe, new Document
        {
            Name = "a",
            Kind = DocumentKind.Pdf,
            Title = "title",
            Pages = 2,
            Parts = [new DocumentPart("one", 1), new DocumentPart("two", 2)],
            Notes = ["note"],
        });
        byte[] whole = pipe.ToArray();
        Random random = new(20251201);
        int read = 0, refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. whole];
            for (int change = 0; change <= random.Next(3); change++)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : (byte)(1 << random.Next(8)));
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using MemoryStream changed = new(bytes);
                (FrameKind kind, byte[] head) = Frame.Read(changed, 10_000);
                if (kind == FrameKind.Head) DocumentFrames.Read("a", head, changed, 10_000);
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                refused++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000);
        }
        Assert.InRange(read, 500, 15_000);
        Assert.InRange(refused, 5_000, 19_500);
    }

    private static string[] Properties(Type type) =>
        [.. type.GetProperties().Select(property => property.Name).Where(name => name != "EqualityContract").Order(StringComparer.Ordinal)];

    private static object Value(Type type, int number) =>
        type == typeof(long) ? (long)number
        : type == typeof(int) ? number
        : type == typeof(TimeSpan) ? TimeSpan.FromTicks(number)
        : type == typeof(bool) ? true
        : type.IsEnum ? Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!
        : throw new NotSupportedException($"a limit of type {type}: send it, and make one here");

    private static Document Back(Action<Stream> write)
    {
        using MemoryStream pipe = new();
        write(pipe);
        pipe.Position = 0;
        (FrameKind kind, byte[] head) = Frame.Read(pipe, 1 << 20);
        Assert.Equal(FrameKind.Head, kind);
        Document found = DocumentFrames.Read("a.epub", head, pipe, 1 << 20);
        Assert.Equal(pipe.Length, pipe.Position);
        return found;
    }
}
