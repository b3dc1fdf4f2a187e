using System;
using System.Globalization;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>What clients are told that ask a store for what it cannot do.</summary>
internal static class DocumentRefusals
{
    /// <summary>What somebody is told who asks about a document too early.</summary>
    public static ApiException NotReady(DocumentView view)
    {
        string progress = view.Reading is { } reading
            ? string.Create(CultureInfo.InvariantCulture, $" ({reading.TokensRead} of {reading.TokensTotal} tokens)") : "";
        return ApiException.Busy(StatusCodes.Status409Conflict, "document_not_ready", $"{view.Record.Id}: expected a document that is "
            + $"ready, found one that is {DocumentRecord.NameOf(view.Record.State)}{progress}: ask again.",
            TimeSpan.FromSeconds(Math.Clamp(view.Reading?.SecondsLeft ?? 5, 1, 3600)));
    }

    public static ApiException Failed(DocumentRecord record) => new(
        StatusCodes.Status409Conflict, "document_failed", $"{record.Id}: the document could not be read: {record.Error}");

    public static ApiException FailedMember(string parameter, DocumentRecord member) =>
        ApiException.Invalid(parameter, $"expected a document that can be read, found one that failed ({member.Error})");

    public static ApiException Unknown(string? parameter) => parameter is null
        ? ApiException.NotFound("document_not_found", "There is no document of that id.")
        : ApiException.Invalid(parameter, "expected the id of a document, found none of that id.");

    public static ApiException TooMany(int found, int most) => new(
        StatusCodes.Status507InsufficientStorage, "too_many_documents", string.Create(CultureInfo.InvariantCulture,
            $"expected at most {most} documents, found {found} and one more: delete some."));

    public static ApiException Full(long bytes, long left, long most) => new(
        StatusCodes.Status507InsufficientStorage, "storage_full", string.Create(CultureInfo.InvariantCulture,
            $"file: expected at most {Math.Max(0, left)} bytes, which is what is left of the {most} that documents may take, "
                + $"found {bytes}: delete some."));
}
