# The service: API and workers are the same image. Built from a checkout: docker build -f deploy/service.Dockerfile .
FROM python:3.13-slim-bookworm
# What the drawing library is linked against, and slim images do not have.
RUN apt-get update && apt-get install -y --no-install-recommends libegl1 libexpat1 libgl1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/service.txt requirements/
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/service.txt
COPY packages/avatar packages/avatar
RUN pip install --no-cache-dir --no-deps --no-build-isolation ./packages/avatar \
    && useradd --create-home --uid 10001 avatar && mkdir /data && chown avatar /data
USER avatar
ENV AVATAR_LIBRARY=/data/library AVATAR_JOBS=/data/jobs AVATAR_CACHE=/data/cache
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["avatar"]
