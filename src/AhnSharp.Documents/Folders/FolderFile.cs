using System;
using System.Globalization;
using System.IO;
using AhnSharp.Documents.Notebook;

namespace AhnSharp.Documents.Folders;

/// <summary>A file of a folder: its text, or why it has none.</summary>
internal static class FolderFile
{
    /// <summary>The text and a remark about it, or null and the reason.</summary>
    public static (string? Text, string? Remark) Read(FileInfo file, DocumentLimits limits)
    {
        try
        {
            // Also what has no length, such as a pipe, a socket or a device: opening one would wait for somebody who writes.
            if (file.Length == 0) return (null, "empty, a pipe or a device");
            if (file.Length > limits.FolderFileBytes)
            {
                return (null, string.Create(CultureInfo.InvariantCulture,
                    $"{file.Length:N0} bytes, more than {limits.FolderFileBytes:N0} (name it by itself to read it)"));
            }
            byte[] bytes = File.ReadAllBytes(file.FullName);
            if (FileSignature.IsPdf(bytes)) return (null, "a PDF (name it by itself to read it)");
            if (FileSignature.IsZip(bytes)) return (null, "an archive (an EPUB or a .docx is read when it is named by itself)");
            if (FileSignature.IsGzip(bytes)) return (null, "a .gz (name it by itself to read it)");
            string? text = TextBytes.Decode(bytes, out string? note, out string? problem);
            if (text is null) return (null, $"no text: {problem}");
            if (FileSignature.HasNotebookEnding(file.Name) && NotebookText.Read(file.Name, text) is { Parts.Count: > 0 } notebook)
                return (notebook.Parts[0].Text, notebook.Notes.Count == 0 ? null : string.Join("; ", notebook.Notes));
            string trimmed = TextBytes.Trimmed(text);
            return trimmed.Length > 0 ? (trimmed, note) : (null, "nothing but white space");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return (null, $"cannot be read ({e.Message.TrimEnd('.')})");
        }
    }
}
