using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace AhnSharp.Server.Documents;

/// <summary>A form with one file (multipart/form-data): the file goes to the disk as it comes, the other fields are short texts.</summary>
internal sealed class DocumentForm
{
    private const int MostFields = 16, LongestField = 64 << 10, LongestBoundary = 200;
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>The file's name, as the client gives it.</summary>
    public string FileName { get; private set; } = "";

    /// <summary>A field; null where it is left out.</summary>
    public string? Field(string name) => _fields.GetValueOrDefault(name);

    public static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads a form to its end.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">The fields beside <c>file</c>; others are refused.</param>
    /// <param name="spool">Takes the bytes of the file.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ApiException">It is no such form.</exception>
    public static async Task<DocumentForm> ReadAsync(
        HttpRequest request, IReadOnlyList<string> known, Func<Stream, Task> spool, CancellationToken cancellation)
    {
        string? boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > LongestBoundary)
            throw Wrong($"Content-Type: expected multipart/form-data with a boundary of 1 to {LongestBoundary} characters.");
        DocumentForm form = new();
        MultipartReader reader = new(boundary, request.Body) { HeadersLengthLimit = 16 << 10, HeadersCountLimit = 16 };
        bool hasFile = false;
        try
        {
            for (int count = 0; await reader.ReadNextSectionAsync(cancellation).ConfigureAwait(false) is { } section; count++)
            {
                if (count == MostFields) throw Wrong($"expected a form of at most {MostFields} fields, found more.");
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
                    throw Wrong("expected fields with a Content-Disposition, found one without.");
                string name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
                if (name == "file")
                {
                    if (hasFile) throw ApiException.Invalid("file", "expected one file, found two: send one request per file.");
                    hasFile = true;
                    form.FileName = (disposition.FileNameStar.HasValue
                        ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? "";
                    await spool(section.Body).ConfigureAwait(false);
                    continue;
                }
                string shown = AhnSharp.Documents.PlainName.Of(name, 40);
                if (!known.Contains(name))
                {
                    throw new ApiException(
                        StatusCodes.Status400BadRequest, "unknown_parameter", $"{shown}: there is no such parameter here.")
                    { Parameter = shown };
                }
                if (!form._fields.TryAdd(name, await TextAsync(section.Body, name, cancellation).ConfigureAwait(false)))
                    throw ApiException.Invalid(name, "expected once, found twice.");
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw Wrong($"expected a whole multipart form, found one that ends early or is broken.");
        }
        if (!hasFile) throw new ApiException(StatusCodes.Status400BadRequest, "missing_required_parameter", "file: expected, and left out.")
        { Parameter = "file" };
        return form;
    }

    private static async Task<string> TextAsync(Stream stream, string name, CancellationToken cancellation)
    {
        byte[] bytes = new byte[LongestField + 1];
        int count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return count <= LongestField ? Encoding.UTF8.GetString(bytes, 0, count)
            : throw ApiException.Invalid(name, $"expected at most {LongestField} bytes, found more.");
    }

    private static ApiException Wrong(string message) => new(StatusCodes.Status400BadRequest, "invalid_form", message);
}
