namespace AhnSharp.Server.Documents;

/// <summary>Where a passage stands that was read from the archive for an answer.</summary>
/// <param name="DocumentId">The document; of a collection, the one of its documents in which it begins.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Page">Its page, where it has pages.</param>
/// <param name="FirstCharacter">
/// Where the passage begins in the text of that document (<c>GET /v1/documents/ID/text</c>), UTF-16 units.
/// </param>
/// <param name="Characters">How many it has.</param>
/// <param name="Text">What it says.</param>
/// <param name="Weight">Its share of what the answer looked up.</param>
internal sealed record DocumentSource(
    string DocumentId, string Name, int? Page, int FirstCharacter, int Characters, string Text, double Weight);
