using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Generation;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>The texts of documents as their models read them, and where in them answers come from.</summary>
/// <param name="filesOf">Where a document lies.</param>
internal sealed class DocumentTexts(Func<DocumentRecord, DocumentFiles> filesOf)
{
    private readonly Lock _gate = new();
    private (string Key, DocumentPrompt Prompt, Utf8Index Index)? _last; // who looks a place up looks up its neighbours

    /// <summary>The text.</summary>
    /// <exception cref="ApiException">It was not taken out of its files yet, or could not be.</exception>
    public string TextOf(DocumentRecord record) => PromptOf(record).Prompt.Text;

    /// <summary>Where in its documents each source of an answer stands, in the same order.</summary>
    public IReadOnlyList<AnswerPassage> SourcesOf(OpenDocument document, IReadOnlyList<AnswerSource> sources)
    {
        if (sources.Count == 0) return [];
        DocumentRecord record = document.Record;
        (DocumentPrompt prompt, Utf8Index index) = PromptOf(record);
        QwenTokenizer tokenizer = document.Engine.Model.Tokenizer;
        ReadOnlySpan<int> ids = document.Context.Ids;
        long[] bytes = BytesAt(ids, tokenizer, sources, prompt.Text, out long begin);
        List<AnswerPassage> places = [];
        for (int i = 0; i < sources.Count; i++)
        {
            // Blocks of an archive may begin before the text, and end behind it in the question.
            long first = Math.Clamp(bytes[2 * i] - begin, 0, index.Bytes), end = Math.Clamp(bytes[2 * i + 1] - begin, first, index.Bytes);
            (Document place, int? page) = prompt.PlaceOf(first);
            int at = prompt.Documents.TakeWhile(one => !ReferenceEquals(one, place)).Count();
            (int start, int length) = RangeOf(prompt, at);
            int from = Math.Clamp(index.CharacterAt(first) - start, 0, length);
            int to = Math.Clamp(index.CharacterAt(end) - start, from, length);
            DocumentContent content = record.Contents[at];
            places.Add(new AnswerPassage(
                sources[i], content.DocumentId ?? record.Id, record.IsCollection ? content.Name : record.Name, page, from, to - from));
        }
        return places;
    }

    // Where a document stands in a prompt of several: each is written as it is alone, with a blank line between them.
    private static (int Start, int Length) RangeOf(DocumentPrompt prompt, int document)
    {
        if (prompt.Documents.Count == 1) return (0, prompt.Text.Length);
        int start = 0;
        for (int i = 0; ; i++)
        {
            int length = new DocumentPrompt([prompt.Documents[i]]).Text.Length;
            if (i == document) return (start, length);
            start += length + 2;
        }
    }

    // How many bytes stand before the first token of each source and behind its last, and before the text itself.
    private static long[] BytesAt(
        ReadOnlySpan<int> ids, QwenTokenizer tokenizer, IReadOnlyList<AnswerSource> sources, string text, out long begin)
    {
        // The text begins with the heading of its first document, behind the template's frame and the system turn.
        byte[] heading = Encoding.UTF8.GetBytes(text[..Math.Max(0, text.IndexOf('\n', StringComparison.Ordinal))]);
        int[] wanted = [.. sources.SelectMany(static source => new[] { (int)source.FirstToken, (int)source.FirstToken + source.Tokens })];
        long[] found = new long[wanted.Length];
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i])];
        List<byte> head = [];
        long bytes = 0;
        int next = 0, last = Math.Min(wanted[order[^1]], ids.Length);
        begin = -1;
        for (int i = 0; i <= last; i++)
        {
            while (next < order.Length && Math.Min(wanted[order[next]], ids.Length) == i) found[order[next++]] = bytes;
            if (i == last) break;
            ReadOnlySpan<byte> token = tokenizer.BytesOf(ids[i]);
            bytes += token.Length;
            if (begin >= 0) continue;
            // It may begin in an earlier token.
            int from = Math.Max(0, head.Count - heading.Length);
            head.AddRange(token);
            int at = CollectionsMarshal.AsSpan(head)[from..].IndexOf(heading);
            if (at >= 0) begin = from + at;
        }
        begin = Math.Max(begin, 0);
        return found;
    }

    private (DocumentPrompt Prompt, Utf8Index Index) PromptOf(DocumentRecord record)
    {
        StringBuilder names = new();
        foreach (DocumentContent content in record.Contents)
            names.Append(CultureInfo.InvariantCulture, $"{content.Key} {content.Name.Length} {content.Name}\n");
        string key = names.ToString();
        lock (_gate)
        {
            if (_last is { } last && last.Key == key) return (last.Prompt, last.Index);
            List<Document> documents = [];
            DocumentFiles folder = filesOf(record);
            foreach (DocumentContent content in record.Contents)
            {
                Document document = ExtractedText.Read(folder.Text(content)) ?? throw new ApiException(
                    StatusCodes.Status409Conflict, "document_not_ready", record.State == DocumentState.Failed
                        ? $"{record.Id}: the document has no text: {record.Error}"
                        : $"{record.Id}: its text was not taken out yet: ask again.");
                documents.Add(document with { Name = content.Name });
            }
            DocumentPrompt prompt = new(documents);
            Utf8Index index = new(prompt.Text);
            _last = (key, prompt, index);
            return (prompt, index);
        }
    }
}
