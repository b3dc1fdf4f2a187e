using System;
using System.Globalization;
using System.Text.Json;

namespace AhnSharp.Extensions.AI;

/// <summary>Values of a request's additional properties, as programs give them or as JSON, and refusals by their names.</summary>
internal static class RequestValues
{
    /// <exception cref="NotSupportedException">A request asks for another model than there is.</exception>
    public static void CheckModel(string? wanted, string modelId)
    {
        if (wanted is not null && wanted != modelId)
            throw new NotSupportedException($"ModelId: expected '{modelId}', the model that is here, found '{wanted}'.");
    }

    /// <summary>The options that a request brings itself; null: none.</summary>
    /// <exception cref="NotSupportedException">It brings something else.</exception>
    public static T? Own<T>(object? brought)
        where T : class => brought switch
        {
            null => null,
            T own => own,
            _ => throw new NotSupportedException($"RawRepresentationFactory: expected {typeof(T)}, found {brought.GetType()}."),
        };

    public static double Number(string name, object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
        float or double or decimal or int or long => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => throw Wrong(name, "a number", value),
    };

    public static int Whole(string name, object? value)
    {
        double number = Number(name, value);
        return number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw Wrong(name, "a whole number", value);
    }

    public static bool Flag(string name, object? value) => value switch
    {
        bool one => one,
        JsonElement { ValueKind: JsonValueKind.True } => true,
        JsonElement { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false", value),
    };

    public static string Text(string name, object? value) => value switch
    {
        string one => one,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        _ => throw Wrong(name, "a text", value),
    };

    public static NotSupportedException Wrong(string name, string expected, object? found) =>
        new($"AdditionalProperties '{name}': expected {expected}, found {(found is null ? "null" : $"{found} ({found.GetType().Name})")}.");
}
