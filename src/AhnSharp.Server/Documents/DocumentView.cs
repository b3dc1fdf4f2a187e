namespace AhnSharp.Server.Documents;

/// <summary>A document as it stands now.</summary>
/// <param name="Record">What is remembered.</param>
/// <param name="Reading">How far its reading is; null where none is under way.</param>
internal sealed record DocumentView(DocumentRecord Record, ReadingStatus? Reading);
