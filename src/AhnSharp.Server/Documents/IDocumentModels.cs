using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Server.Documents;

/// <summary>Where documents find the models that read them and answer about them.</summary>
internal interface IDocumentModels
{
    /// <summary>A model that stays loaded until its lease is disposed.</summary>
    /// <param name="model">Its name, as a client writes it; null: the server's own choice.</param>
    /// <param name="cancellation">Ends the waiting; who else waits for the model goes on.</param>
    /// <exception cref="Http.ApiException">There is none of that name, or no room for it.</exception>
    Task<IDocumentModelLease> AcquireAsync(string? model, CancellationToken cancellation);
}
