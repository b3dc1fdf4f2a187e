namespace AhnSharp.Network;

/// <summary>A size in which a network was published: what differs between its sizes.</summary>
/// <param name="Name">As people ask for it: <c>3B</c>, <c>Qwen3-4B</c>.</param>
/// <param name="HiddenSize">E.</param>
/// <param name="FfnSize">F.</param>
/// <param name="LayerCount">N.</param>
/// <param name="HeadCount">H.</param>
/// <param name="KvHeadCount">K.</param>
/// <param name="HeadDim">D.</param>
/// <param name="VocabularySize">Rows of the embedding.</param>
/// <param name="TiedEmbeddings">Whether the embedding is the head too.</param>
internal sealed record PublishedShape(
    string Name, int HiddenSize, int FfnSize, int LayerCount, int HeadCount, int KvHeadCount, int HeadDim, int VocabularySize,
    bool TiedEmbeddings);
