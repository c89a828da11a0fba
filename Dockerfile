# Serves the page, as an unprivileged user, with the workspace in a volume: docker compose up --build
FROM python:3.11-slim

WORKDIR /source
COPY requirements.txt requirements-dev.txt requirements.lock ./
RUN python -m pip install --no-cache-dir -r requirements.lock
COPY pyproject.toml README.md LICENSE layerdeck.py ./
COPY core ./core
COPY dashboard ./dashboard
RUN python -m pip install --no-cache-dir --no-deps .

RUN useradd --create-home --uid 1000 layerdeck && install -d -m 700 -o layerdeck -g layerdeck /workspace
USER layerdeck
WORKDIR /workspace
ENV LAYERDECK_HOME=/workspace
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/api/health', timeout=5)"]
ENTRYPOINT ["layerdeck"]
CMD ["--host", "0.0.0.0", "--port", "8501"]
