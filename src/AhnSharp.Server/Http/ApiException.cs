using System;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Http;

/// <summary>A request that cannot be followed: what the client is told, in the shape of the interface that it speaks.</summary>
/// <param name="status">The status code.</param>
/// <param name="code">One word for programs, such as <c>context_length_exceeded</c>.</param>
/// <param name="message">The sentence; nothing of the machine is in it.</param>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    /// <summary>The status code.</summary>
    public int Status { get; } = status;

    /// <summary>One word for programs.</summary>
    public string Code { get; } = code;

    /// <summary>The parameter that it is about, as a path into the body; null where it is about none.</summary>
    public string? Parameter { get; init; }

    /// <summary>When to ask again; null where that would change nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A value is not what it should be.</summary>
    public static ApiException Invalid(string parameter, string message) =>
        new(StatusCodes.Status400BadRequest, "invalid_value", $"{parameter}: {message}") { Parameter = parameter };

    /// <summary>Something is asked for that nobody here can do.</summary>
    public static ApiException Unsupported(string parameter, string message) =>
        new(StatusCodes.Status400BadRequest, "unsupported_parameter", $"{parameter}: {message}") { Parameter = parameter };

    /// <summary>There is nothing under that name.</summary>
    public static ApiException NotFound(string code, string message) => new(StatusCodes.Status404NotFound, code, message);

    /// <summary>It may be followed later.</summary>
    public static ApiException Busy(int status, string code, string message, TimeSpan retryAfter) =>
        new(status, code, message) { RetryAfter = retryAfter };
}
