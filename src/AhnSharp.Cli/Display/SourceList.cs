using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Documents.Reading;
using AhnSharp.Generation;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli.Display;

/// <summary>The passages that were read for an answer, each with its place in the documents, for people and as JSON.</summary>
internal static class SourceList
{
    internal static List<(SourcePlace Place, AnswerSource Source)> Of(
        TextSession session, QwenTokenizer tokenizer, DocumentsSection? documents)
    {
        List<(SourcePlace Place, AnswerSource Source)> sources = [];
        if (session.Sources.Count == 0) return sources;
        int[] ids = session.State.ReadTokens();
        foreach (AnswerSource source in session.Sources)
        {
            string before = tokenizer.Decode(ids.AsSpan(0, (int)source.FirstToken));
            sources.Add((SourcePlace.Behind(before, documents?.Documents ?? []), source));
        }
        return sources;
    }

    internal static void Print(List<(SourcePlace Place, AnswerSource Source)> sources)
    {
        foreach ((SourcePlace place, AnswerSource source) in sources)
        {
            string where = place.Document is null
                ? string.Create(CultureInfo.InvariantCulture, $"token {source.FirstToken:N0}")
                : place.Page is { } page
                    ? string.Create(CultureInfo.InvariantCulture, $"{place.Document}, page {page:N0}")
                    : string.Create(CultureInfo.InvariantCulture, $"{place.Document}, line {place.Line:N0}");
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture, $"  {100 * source.Weight,3:N0} %  {where}: {string.Join(' ', source.Text.Split((char[]?)null,
                    StringSplitOptions.RemoveEmptyEntries))}"));
        }
    }

    internal static void Write(Utf8JsonWriter json, List<(SourcePlace Place, AnswerSource Source)> sources)
    {
        json.WriteStartArray("sources");
        foreach ((SourcePlace place, AnswerSource source) in sources)
        {
            json.WriteStartObject();
            if (place.Document is not null)
            {
                json.WriteString("document", place.Document);
                if (place.Page is { } page) json.WriteNumber("page", page);
                json.WriteNumber("line", place.Line);
            }
            json.WriteNumber("first_token", source.FirstToken);
            json.WriteNumber("tokens", source.Tokens);
            json.WriteNumber("weight", source.Weight);
            json.WriteString("text", source.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
