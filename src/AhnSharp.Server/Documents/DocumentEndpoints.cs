using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Documents;

/// <summary><c>/v1/documents</c>: documents that are read once.</summary>
internal static class DocumentEndpoints
{
    /// <summary>Bytes of a request beside those of the file: its fields, and the frame of the form.</summary>
    public const long FrameBytes = 1 << 20;

    // JSON is held in memory, some four times over; a form is not.
    private const long MaxJsonBytes = 32 << 20;
    private const int MaxMembers = 256, MaxWindow = 100_000, DefaultWindow = 10_000;

    public static void Map(Routes routes)
    {
        routes.Post("/v1/documents", AddAsync, takesUploads: true);
        routes.Get("/v1/documents", ListAsync);
        routes.Get("/v1/documents/{id}", GetAsync);
        routes.Delete("/v1/documents/{id}", DeleteAsync);
        routes.Get("/v1/documents/{id}/events", DocumentEvents.RunAsync);
        routes.Get("/v1/documents/{id}/text", TextAsync);
        routes.Post("/v1/documents/{id}/fork", ForkAsync);
        FileEndpoints.Map(routes);
    }

    internal static IDocuments StoreOf(HttpContext context) => context.RequestServices.GetRequiredService<IDocuments>();

    internal static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    /// <summary>Lets a body be as large as an upload may be, and no larger.</summary>
    internal static void TakeUpload(HttpContext context, IDocuments store)
    {
        bool isJson = context.Request.HasJsonContentType();
        long bytes = isJson ? Math.Min(store.Options.MaxUploadBytes, MaxJsonBytes) : store.Options.MaxUploadBytes;
        long most = bytes + FrameBytes;
        if (context.Request.ContentLength is { } length && length > most)
        {
            string parameter = isJson ? "text" : "file", instead = isJson ? "; a form takes larger ones" : "";
            throw new ApiException(StatusCodes.Status413PayloadTooLarge, "file_too_large",
                $"{parameter}: expected at most {bytes} bytes, found a request of {length}{instead}.")
            { Parameter = parameter };
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = most;
    }

    private static async Task AddAsync(HttpContext context)
    {
        IDocuments store = StoreOf(context);
        HttpRequest request = context.Request;
        TakeUpload(context, store);
        DocumentView added = DocumentForm.IsForm(request) ? await AddFormAsync(store, context).ConfigureAwait(false)
            : request.HasJsonContentType() ? await AddJsonAsync(store, context).ConfigureAwait(false)
            : await AddRawAsync(store, context).ConfigureAwait(false);
        await AcceptAsync(context, added).ConfigureAwait(false);
    }

    // A request that is sent again, because nobody knows whether it came, is one document.
    private static string? KeyOf(HttpContext context)
    {
        const int most = 256;
        string? key = context.Request.Headers["Idempotency-Key"];
        if (string.IsNullOrEmpty(key)) return null;
        return key.Length <= most ? key
            : throw ApiException.Invalid("Idempotency-Key", $"expected at most {most} characters, found {key.Length}.");
    }

    // A form: file, and what is said of it.
    private static async Task<DocumentView> AddFormAsync(IDocuments store, HttpContext context)
    {
        new QueryFields(context.Request).RefuseTheRest();
        Upload? upload = null;
        try
        {
            DocumentForm form = await DocumentForm.ReadAsync(context.Request, ["model", "name", "system"],
                async file => upload = await store.ReceiveAsync(file, context.RequestAborted).ConfigureAwait(false), context.RequestAborted)
                .ConfigureAwait(false);
            return await store.AddAsync(new DocumentRequest
            {
                Name = form.Field("name") ?? form.FileName,
                Model = form.Field("model"),
                System = form.Field("system"),
                Key = KeyOf(context),
            }, upload!).ConfigureAwait(false);
        }
        finally
        {
            upload?.Dispose();
        }
    }

    // The text itself, or the ids of documents.
    private static async Task<DocumentView> AddJsonAsync(IDocuments store, HttpContext context)
    {
        new QueryFields(context.Request).RefuseTheRest();
        using JsonDocument json = await RequestBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        RequestFields fields = new(json.RootElement);
        DocumentRequest request = new()
        {
            Name = fields.Text("name") ?? "document",
            Model = fields.Text("model"),
            System = fields.Text("system"),
            Key = KeyOf(context),
        };
        string? text = fields.Text("text");
        // An array, never a single text: Array refuses that.
        IReadOnlyList<string>? documents = fields.Array("documents", MaxMembers) is null ? null : fields.Texts("documents", MaxMembers);
        fields.RefuseTheRest();
        if (text is null == documents is null)
        {
            throw text is null ? fields.Missing("text")
                : ApiException.Invalid("documents", "expected either a text or documents, found both.");
        }
        if (documents is not null) return await store.AddCollectionAsync(request, documents).ConfigureAwait(false);
        await using MemoryStream bytes = new(Encoding.UTF8.GetBytes(text!));
        using Upload upload = await store.ReceiveAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return await store.AddAsync(request, upload).ConfigureAwait(false);
    }

    // The bytes of the file, named behind the question mark.
    private static async Task<DocumentView> AddRawAsync(IDocuments store, HttpContext context)
    {
        QueryFields query = new(context.Request);
        DocumentRequest request = new()
        {
            Name = query.Text("name") ?? throw new ApiException(StatusCodes.Status400BadRequest, "missing_required_parameter",
                "name: expected behind the question mark, as the body is a file, and left out.")
            { Parameter = "name" },
            Model = query.Text("model"),
            System = query.Text("system"),
            Key = KeyOf(context),
        };
        query.RefuseTheRest();
        using Upload upload = await store.ReceiveAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        return await store.AddAsync(request, upload).ConfigureAwait(false);
    }

    private static async Task ListAsync(HttpContext context)
    {
        QueryFields query = new(context.Request);
        int limit = query.WholeNumber("limit", 1, 100) ?? 20;
        string? after = query.Text("after");
        bool isAscending = query.Word("order", "asc", "desc") == "asc";
        query.RefuseTheRest();
        DocumentPage page = await StoreOf(context).ListAsync(limit, after, isAscending).ConfigureAwait(false);
        await WriteAsync(context, json => DocumentJson.WriteList(json, page.Documents, page.HasMore, asFiles: false)).ConfigureAwait(false);
    }

    private static async Task GetAsync(HttpContext context)
    {
        new QueryFields(context.Request).RefuseTheRest();
        DocumentView view = await StoreOf(context).GetAsync(IdOf(context)).ConfigureAwait(false);
        await WriteAsync(context, json => DocumentJson.Write(json, view)).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        string id = IdOf(context);
        await StoreOf(context).DeleteAsync(id).ConfigureAwait(false);
        await WriteAsync(context, json => DocumentJson.WriteDeleted(json, id, "document")).ConfigureAwait(false);
    }

    private static async Task ForkAsync(HttpContext context)
    {
        string? name = null;
        if (context.Request.ContentLength is not (null or 0))
        {
            using JsonDocument json = await RequestBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            RequestFields fields = new(json.RootElement);
            name = fields.Text("name");
            fields.RefuseTheRest();
        }
        await AcceptAsync(context, await StoreOf(context).ForkAsync(IdOf(context), name).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // A window of the text as the model read it: sources of answers are ranges of it.
    private static async Task TextAsync(HttpContext context)
    {
        QueryFields query = new(context.Request);
        int from = query.WholeNumber("from", 0, int.MaxValue) ?? 0, count = query.WholeNumber("count", 1, MaxWindow) ?? DefaultWindow;
        query.RefuseTheRest();
        IDocuments store = StoreOf(context);
        DocumentRecord record = (await store.GetAsync(IdOf(context)).ConfigureAwait(false)).Record;
        string text = await Task.Run(() => store.Texts.TextOf(record), context.RequestAborted).ConfigureAwait(false);
        int first = WholeAt(text, Math.Min(from, text.Length)), end = WholeAt(text, (int)Math.Min((long)first + count, text.Length));
        await WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "document.text");
            json.WriteString("document", record.Id);
            json.WriteNumber("from", first);
            json.WriteNumber("count", end - first);
            json.WriteNumber("total", text.Length);
            json.WriteString("text", text.AsSpan(first, end - first));
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    // Never between the halves of a character.
    private static int WholeAt(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;

    private static Task AcceptAsync(HttpContext context, DocumentView view)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/v1/documents/{view.Record.Id}";
        return WriteAsync(context, json => DocumentJson.Write(json, view));
    }

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write) =>
        JsonReply.WriteAsync(context.Response, write, CancellationToken.None);
}
