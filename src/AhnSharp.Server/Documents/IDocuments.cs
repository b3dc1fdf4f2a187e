using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Server.Documents;

/// <summary>Documents as the server's interfaces see them: those of one server (<see cref="DocumentStore"/>), or of a cluster.</summary>
/// <remarks>What cannot be done is an <see cref="Http.ApiException"/>, which is what clients are told.</remarks>
internal interface IDocuments
{
    /// <summary>Limits.</summary>
    DocumentStoreOptions Options { get; }

    /// <summary>Texts of documents, to look up where an answer comes from.</summary>
    DocumentTexts Texts { get; }

    /// <summary>Takes bytes in, which <see cref="AddAsync"/> makes a document of.</summary>
    Task<Upload> ReceiveAsync(Stream stream, CancellationToken cancellation = default);

    /// <summary>Makes a document of what came in; it is read in the background.</summary>
    Task<DocumentView> AddAsync(DocumentRequest request, Upload upload);

    /// <summary>Makes one text of documents, in their order.</summary>
    Task<DocumentView> AddCollectionAsync(DocumentRequest request, IReadOnlyList<string> documents);

    /// <summary>The document that holds documents as a model reads them.</summary>
    Task<DocumentView> TogetherAsync(IReadOnlyList<string> documents, string modelId);

    /// <summary>A further document of the same text.</summary>
    Task<DocumentView> ForkAsync(string id, string? name);

    /// <summary>A document as it stands now.</summary>
    Task<DocumentView> GetAsync(string id);

    /// <summary>Documents, newest first or oldest first.</summary>
    Task<DocumentPage> ListAsync(int limit, string? after, bool isAscending, string? purpose = null);

    /// <summary>Deletes a document and what was read of it.</summary>
    Task DeleteAsync(string id);

    /// <summary>The bytes of a document as they came.</summary>
    Task<FileStream> OpenContentAsync(string id);

    /// <summary>Opens a document that is ready, to be asked.</summary>
    Task<OpenDocument> OpenAsync(string id, CancellationToken cancellation = default);
}
