using System;
using System.Collections.Generic;
using AhnSharp.Generation;

namespace AhnSharp.Server.Documents;

/// <summary>Documents for as long as a request needs them.</summary>
internal interface IOpenDocuments : IDisposable
{
    /// <summary>What is asked.</summary>
    DocumentContext Context { get; }

    /// <summary>Where passages stand, in their order; the text is walked through once for all of them.</summary>
    IReadOnlyList<AnswerPassage> PlacesOf(IReadOnlyList<AnswerSource> sources);
}
