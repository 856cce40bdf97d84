//! Waits for the rate limit and for one of the concurrency permits.

use async_lock::SemaphoreGuard;

use super::InFlightCall;
use crate::api::ApiFamily;
use crate::client::transport::Transport;
use crate::error::Error;

impl<'c, T: Transport> InFlightCall<'c, T> {
    /// Waits until the family's rate limit and the concurrency limit allow a request. The caller keeps
    /// the permit until the request has finished.
    ///
    /// # Errors
    /// [`RateLimit`](crate::ApiErrorKind::RateLimit) when the rate limit delays the request beyond the
    /// deadline, [`Deadline`](crate::ApiErrorKind::Deadline) when no permit becomes free
    /// before it.
    pub(super) async fn acquire_permit(
        &self,
        family: ApiFamily,
    ) -> Result<SemaphoreGuard<'c>, Error> {
        let inner = self.inner();
        let limiter = inner.rate_limiter(family);
        if let Some(limiter) = limiter {
            let wait = limiter.reserve(self.now(), self.deadline);
            self.sleep(wait.map_err(|wait| self.local_rate_limit_error(wait))?).await;
        }
        loop {
            let permit = inner.concurrency_permits.acquire();
            let permit = self.with_timeout(self.remaining(), permit).await;
            let permit = permit.ok_or_else(|| self.no_permit_error())?;
            let Some(wait) = limiter.and_then(|limiter| limiter.try_acquire(self.now()).err())
            else {
                return Ok(permit);
            };
            drop(permit);
            if wait > self.remaining() {
                return Err(self.local_rate_limit_error(wait));
            }
            self.sleep(wait).await;
        }
    }

    fn no_permit_error(&self) -> Error {
        let max = self.inner().settings.max_concurrent;
        self.deadline_error(format!("all {max} concurrent requests were in use until the deadline"))
    }
}
