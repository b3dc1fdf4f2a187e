using System;
using System.Collections.Generic;
using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>A document on a pipe: its head, its parts and notes, and an end, a frame each.</summary>
internal static class DocumentFrames
{
    // A library of pages; a page of nothing but notes. What a part takes besides its text, some 100 bytes, is bounded with them.
    private const int MaxParts = 1_000_000, MaxNotes = 100_000;

    public static void Write(Stream stream, Document document)
    {
        new PayloadWriter().Int((int)document.Kind)
            .Text(document.Title).Text(document.Author).Int(document.Pages).Send(stream, FrameKind.Head);
        foreach (DocumentPart part in document.Parts)
            new PayloadWriter().Int(part.Page ?? 0).Text(part.Path).Text(part.Text).Send(stream, FrameKind.Part);
        foreach (string note in document.Notes) new PayloadWriter().Text(note).Send(stream, FrameKind.Note);
        Frame.Write(stream, FrameKind.End, []);
    }

    /// <summary>Reads what follows the head. The name is the caller's: a reader does not say what its document is called.</summary>
    /// <exception cref="InvalidDataException">What the reader wrote is no document.</exception>
    /// <exception cref="FrameTooLongException">It wrote more than it may.</exception>
    public static Document Read(string name, byte[] head, Stream stream, long mostBytes)
    {
        Payload fields = new(head);
        DocumentKind kind = (DocumentKind)fields.Int();
        (string? title, string? author, int pages) = (fields.OptionalText(), fields.OptionalText(), fields.Int());
        fields.AtEnd();
        if (!Enum.IsDefined(kind) || pages < 0) throw new InvalidDataException("an unknown kind of document");

        List<DocumentPart> parts = [];
        List<string> notes = [];
        while (true)
        {
            (FrameKind frame, byte[] bytes) = Frame.Read(stream, mostBytes);
            mostBytes -= bytes.Length;
            if (frame == FrameKind.End) return new Document
            {
                Name = name,
                Kind = kind,
                Title = title,
                Author = author,
                Pages = pages,
                Parts = parts,
                Notes = notes,
            };
            if (parts.Count >= MaxParts || notes.Count >= MaxNotes) throw new FrameTooLongException();
            if (frame == FrameKind.Part) parts.Add(Part(bytes));
            else if (frame == FrameKind.Note) notes.Add(Note(bytes));
            else throw new InvalidDataException("an unexpected frame");
        }
    }

    private static DocumentPart Part(byte[] bytes)
    {
        Payload fields = new(bytes);
        (int page, string? path, string text) = (fields.Int(), fields.OptionalText(), fields.Text());
        fields.AtEnd();
        if (page < 0) throw new InvalidDataException("a page before the first");
        return new DocumentPart(text, page == 0 ? null : page, path);
    }

    private static string Note(byte[] bytes)
    {
        Payload fields = new(bytes);
        string note = fields.Text();
        fields.AtEnd();
        return note;
    }
}
