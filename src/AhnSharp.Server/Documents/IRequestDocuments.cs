using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Server.Documents;

/// <summary>The documents that requests name.</summary>
internal interface IRequestDocuments
{
    /// <summary>Documents that were read, opened for one request.</summary>
    /// <param name="ids">Their names, one at least.</param>
    /// <param name="engine">What answers; they were read by its model.</param>
    /// <param name="modelId">The model's name.</param>
    /// <param name="cancellation">Ends the opening.</param>
    /// <exception cref="Http.ApiException">One is unknown, or not read yet, or of another model.</exception>
    Task<IOpenDocuments> OpenAsync(IReadOnlyList<string> ids, TextEngine engine, string modelId, CancellationToken cancellation);
}
