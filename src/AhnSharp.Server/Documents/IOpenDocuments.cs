using System;
using AhnSharp.Generation;

namespace AhnSharp.Server.Documents;

/// <summary>Documents for as long as a request needs them.</summary>
internal interface IOpenDocuments : IDisposable
{
    /// <summary>What is asked.</summary>
    DocumentContext Context { get; }

    /// <summary>Where a passage stands.</summary>
    AnswerPassage PlaceOf(AnswerSource source);
}
