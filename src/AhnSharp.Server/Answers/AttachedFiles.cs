using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Extensions.AI;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.Answers;

/// <summary>Files in messages: small ones as their text, uploaded ones as documents of the request.</summary>
internal sealed class AttachedFiles
{
    private const int MostFiles = 32;
    private int _count;

    /// <summary>The uploaded files that the messages name, each once, in their order.</summary>
    public List<string> Documents { get; } = [];

    /// <summary>The text of a file that lies in the request; nothing for one that was uploaded before, which becomes a document.</summary>
    /// <param name="file">Its fields: <c>file_id</c>, or <c>file_data</c> and <c>filename</c>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<string> TextOfAsync(RequestFields file, CancellationToken cancellation)
    {
        string? id = file.Text("file_id"), data = file.Text("file_data"), name = file.Text("filename");
        file.Refuse("file_url", "this server fetches nothing: send the file, or upload it.");
        file.Ignore("detail");
        file.RefuseTheRest();
        if (id is not null)
        {
            if (data is not null) throw ApiException.Invalid(file.PathOf("file_id"), "expected an id or data, found both.");
            if (!Documents.Contains(id)) Documents.Add(id);
            return "";
        }
        if (data is null) throw file.Missing("file_data");
        return await TextOfAsync(data, name, file.PathOf("file_data"), cancellation).ConfigureAwait(false);
    }

    /// <summary>The text of a file that is given as base64, or as a data URL.</summary>
    public async Task<string> TextOfAsync(string data, string? name, string path, CancellationToken cancellation, string? type = null)
    {
        if (++_count > MostFiles) throw ApiException.Invalid(path, $"expected at most {MostFiles} files in a request, found more.");
        string base64 = data;
        if (data.StartsWith("data:", StringComparison.Ordinal))
        {
            int comma = data.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0 || !data.AsSpan(0, comma).EndsWith(";base64", StringComparison.Ordinal))
                throw ApiException.Invalid(path, "expected data:TYPE;base64,…, found another URL.");
            type ??= data[5..(comma - ";base64".Length)];
            base64 = data[(comma + 1)..];
        }
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw ApiException.Invalid(path, "expected base64, found something else.");
        }
        string shown = PlainName(name) ?? FileNames.Of(type);
        using MemoryStream stream = new(bytes, writable: false);
        Document document =
            await Task.Run(() => DocumentReader.Read(shown, stream, null, cancellation), cancellation).ConfigureAwait(false);
        return $"{new DocumentPrompt([document]).Text}\n\n";
    }

    // A name for people and for guessing the kind: nothing is opened by it.
    private static string? PlainName(string? name)
    {
        const int most = 200;
        if (string.IsNullOrWhiteSpace(name)) return null;
        string last = Path.GetFileName(name.Replace('\\', '/'));
        return last.Length is 0 or > most ? null : last;
    }
}
