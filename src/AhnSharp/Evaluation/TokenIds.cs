using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace AhnSharp.Evaluation;

/// <summary>Token ids written as text: decimal numbers between white space.</summary>
public static class TokenIds
{
    private const int LongestNumber = 20;

    /// <summary>All ids of a reader, in order.</summary>
    /// <exception cref="InvalidDataException">A word is not a token id; the message names it and where it stands.</exception>
    public static int[] Read(TextReader reader, string source)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var ids = new List<int>();
        Span<char> word = stackalloc char[LongestNumber];
        int length = 0, next;
        do
        {
            next = reader.Read();
            if (next >= 0 && !char.IsWhiteSpace((char)next))
            {
                if (length == LongestNumber) throw NotAnId(source, ids.Count, word);
                word[length++] = (char)next;
            }
            else if (length > 0)
            {
                if (!int.TryParse(word[..length], NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                    throw NotAnId(source, ids.Count, word[..length]);
                ids.Add(id);
                length = 0;
            }
        }
        while (next >= 0);
        return [.. ids];
    }

    /// <summary>Refuses ids that the model has no row for.</summary>
    /// <exception cref="InvalidDataException">Names the first such id and its place.</exception>
    public static void ThrowUnlessIn(ReadOnlySpan<int> ids, int vocabularySize, string source)
    {
        int index = ids.IndexOfAnyExceptInRange(0, vocabularySize - 1);
        if (index >= 0)
        {
            throw new InvalidDataException($"{source}: expected token ids of 0 to {vocabularySize - 1} (this model's vocabulary), "
                + $"found {ids[index]} at place {index}; were they made with another tokenizer?");
        }
    }

    private static InvalidDataException NotAnId(string source, int index, ReadOnlySpan<char> word) =>
        new($"{source}: expected token ids, decimal numbers between white space, found \"{word}\" as number {index}.");
}
