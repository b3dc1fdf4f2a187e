using System;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary><c>/v1/files</c>: OpenAI's Files API on the same documents, so that files of its clients are read once too.</summary>
internal static class FileEndpoints
{
    private static readonly string[] s_purposes = ["assistants", "user_data"];

    public static void Map(Routes routes)
    {
        routes.Post("/v1/files", AddAsync, takesUploads: true);
        routes.Get("/v1/files", ListAsync);
        routes.Get("/v1/files/{id}", GetAsync);
        routes.Get("/v1/files/{id}/content", ContentAsync);
        routes.Delete("/v1/files/{id}", DeleteAsync);
    }

    private static async Task AddAsync(HttpContext context)
    {
        new QueryFields(context.Request).RefuseTheRest();
        IDocuments store = DocumentEndpoints.StoreOf(context);
        DocumentEndpoints.TakeUpload(context, store);
        if (!DocumentForm.IsForm(context.Request))
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type",
                "Content-Type: expected multipart/form-data with the fields file and purpose.");
        }
        Upload? upload = null;
        try
        {
            DocumentForm form = await DocumentForm.ReadAsync(context.Request, ["purpose"],
                async file => upload = await store.ReceiveAsync(file, context.RequestAborted).ConfigureAwait(false), context.RequestAborted)
                .ConfigureAwait(false);
            string purpose = form.Field("purpose") ?? throw new ApiException(
                StatusCodes.Status400BadRequest, "missing_required_parameter", "purpose: expected, and left out.")
            { Parameter = "purpose" };
            if (Array.IndexOf(s_purposes, purpose) < 0)
            {
                throw ApiException.Unsupported("purpose",
                    $"expected {string.Join(" or ", s_purposes)}, as files are read as documents here, found another.");
            }
            DocumentRequest request = new() { Name = form.FileName, Purpose = purpose };
            DocumentRecord record = (await store.AddAsync(request, upload!).ConfigureAwait(false)).Record;
            await WriteAsync(context, json => DocumentJson.WriteFile(json, record)).ConfigureAwait(false);
        }
        finally
        {
            upload?.Dispose();
        }
    }

    private static async Task ListAsync(HttpContext context)
    {
        QueryFields query = new(context.Request);
        int limit = query.WholeNumber("limit", 1, 10_000) ?? 10_000;
        string? after = query.Text("after"), purpose = query.Text("purpose");
        bool isAscending = query.Word("order", "asc", "desc") == "asc";
        query.RefuseTheRest();
        DocumentPage page =
            await DocumentEndpoints.StoreOf(context).ListAsync(limit, after, isAscending, purpose).ConfigureAwait(false);
        await WriteAsync(context, json => DocumentJson.WriteList(json, page.Documents, page.HasMore, asFiles: true)).ConfigureAwait(false);
    }

    private static async Task GetAsync(HttpContext context)
    {
        string id = DocumentEndpoints.IdOf(context);
        DocumentRecord record = (await DocumentEndpoints.StoreOf(context).GetAsync(id).ConfigureAwait(false)).Record;
        await WriteAsync(context, json => DocumentJson.WriteFile(json, record)).ConfigureAwait(false);
    }

    private static async Task ContentAsync(HttpContext context)
    {
        string id = DocumentEndpoints.IdOf(context);
        FileStream file = await DocumentEndpoints.StoreOf(context).OpenContentAsync(id).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            HttpResponse response = context.Response;
            // Whatever somebody has uploaded: a browser that opens it shows and runs nothing of it.
            response.ContentType = "application/octet-stream";
            response.Headers.ContentDisposition = "attachment";
            response.Headers.XContentTypeOptions = "nosniff";
            response.ContentLength = file.Length;
            await file.CopyToAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        string id = DocumentEndpoints.IdOf(context);
        await DocumentEndpoints.StoreOf(context).DeleteAsync(id).ConfigureAwait(false);
        await WriteAsync(context, json => DocumentJson.WriteDeleted(json, id, "file")).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write) =>
        JsonReply.WriteAsync(context.Response, write, CancellationToken.None);
}
