using System;
using System.Collections.Generic;
using System.Globalization;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AhnSharp.Server.Documents;

/// <summary>The parameters behind the question mark of a path: each is taken by its name, and what nobody took is refused.</summary>
internal sealed class QueryFields(HttpRequest request)
{
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A text; null where it is left out.</summary>
    public string? Text(string name)
    {
        _taken.Add(name);
        if (!request.Query.TryGetValue(name, out StringValues values)) return null;
        return values.Count == 1 ? values[0] : throw ApiException.Invalid(name, $"expected once, found {values.Count} times.");
    }

    /// <summary>A whole number; null where it is left out.</summary>
    public int? WholeNumber(string name, int from, int to)
    {
        if (Text(name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= from && number <= to
            ? number
            : throw ApiException.Invalid(name, string.Create(
                CultureInfo.InvariantCulture, $"expected a whole number from {from} to {to}, found '{Shortened(text)}'."));
    }

    /// <summary>One of several words; null where it is left out.</summary>
    public string? Word(string name, params string[] words)
    {
        if (Text(name) is not { } text) return null;
        return Array.IndexOf(words, text) >= 0
            ? text : throw ApiException.Invalid(name, $"expected one of {string.Join(", ", words)}, found '{Shortened(text)}'.");
    }

    /// <summary>Refuses the first parameter that nobody took.</summary>
    public void RefuseTheRest()
    {
        foreach (string name in request.Query.Keys)
        {
            if (!_taken.Contains(name))
            {
                throw new ApiException(StatusCodes.Status400BadRequest, "unknown_parameter",
                    $"{Shortened(name)}: there is no such parameter here.")
                { Parameter = Shortened(name) };
            }
        }
    }

    private static string Shortened(string text) => AhnSharp.Documents.PlainName.Of(text, 40);
}
