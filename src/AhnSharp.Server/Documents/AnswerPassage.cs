using AhnSharp.Generation;

namespace AhnSharp.Server.Documents;

/// <summary>A passage that an answer looked up, with the place where it stands.</summary>
/// <param name="Source">The passage.</param>
/// <param name="DocumentId">
/// The document, of a collection the one of its documents in which it begins; null where the conversation itself was looked up.
/// </param>
/// <param name="Name">The document's name.</param>
/// <param name="Page">The page, where it has pages.</param>
/// <param name="FirstCharacter">
/// Where it begins in the document's extracted text (<c>GET /v1/documents/ID/text</c>), UTF-16 units; null where unknown.
/// </param>
/// <param name="Characters">How many it has.</param>
internal sealed record AnswerPassage(
    AnswerSource Source, string? DocumentId = null, string? Name = null, int? Page = null, long? FirstCharacter = null,
    int? Characters = null);
